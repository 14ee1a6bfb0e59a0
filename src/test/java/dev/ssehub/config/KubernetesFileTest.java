package dev.ssehub.config;

import module java.base;
import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The manifest for Kubernetes agrees with the hub, the image and itself. */
class KubernetesFileTest {
    private static final String POD = "StatefulSet/sse-hub/spec/template/spec";
    private static final String CONTAINER = POD + "/containers/0";

    @TempDir
    private Path folder;

    /** The objects by kind and name. */
    private final Map<String, Map<String, Object>> objects = read();

    private static Map<String, Map<String, Object>> read() {
        Map<String, Map<String, Object>> objects = new HashMap<>();
        try {
            for (Object object : Deployment.yaml().loadAll(Files.readString(Path.of("config/kubernetes.yaml")))) {
                objects.computeIfAbsent(Deployment.text(object, "kind"), _ -> new HashMap<>())
                        .put(Deployment.text(object, "metadata/name"), object);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return objects;
    }

    private Object at(String path) {
        return Deployment.at(objects, path);
    }

    private String text(String path) {
        return Deployment.text(objects, path);
    }

    private HubConfig config() throws IOException {
        Path file = folder.resolve("application.yaml");
        Files.writeString(file, ((Map<?, ?>) at("ConfigMap/sse-hub/data")).get("application.yaml").toString());
        return HubConfig.load(file, Map.of(), Map.of());
    }

    /** Returns the folder of the container where a volume is mounted. */
    private String mount(String volume) {
        return ((List<?>) at(CONTAINER + "/volumeMounts")).stream().filter(it -> Deployment.text(it, "name").equals(volume))
                .map(it -> Deployment.text(it, "mountPath")).findFirst().orElseThrow();
    }

    @Test
    void findsItsFilesWhereTheyAreMounted() throws IOException {
        assertThat(config().historyFile().orElseThrow().path().getParent()).hasToString(mount("data"));
        assertThat(text("ConfigMap/sse-hub/data/application.yaml")).contains("key-file: " + mount("key") + "/key");
        assertThat(text(CONTAINER + "/env/0/name")).isEqualTo(HubConfig.FILE);
        assertThat(text(CONTAINER + "/env/0/value")).isEqualTo(mount("config") + "/application.yaml");
    }

    @Test
    void namesThePortsOfTheHub() throws IOException {
        Map<String, Object> ports = ((List<?>) at(CONTAINER + "/ports")).stream()
                .collect(toMap(port -> Deployment.text(port, "name"), port -> Deployment.at(port, "containerPort")));

        assertThat(ports).containsOnly(Map.entry("http", config().server().port()),
                Map.entry("observe", config().server().observe().orElseThrow().port()));
        assertThat(text("Service/sse-hub/spec/ports/0/targetPort")).isEqualTo("http");
        assertThat(text("Service/sse-hub-observe/spec/ports/0/targetPort")).isEqualTo("observe");
    }

    /** {@code ObserveTest} checks that the hub answers at these paths. */
    @ParameterizedTest
    @ValueSource(strings = {"startupProbe ready", "readinessProbe ready", "livenessProbe live"})
    void asksForHealthAtThePortForOperators(String probe) {
        String path = CONTAINER + "/" + probe.split(" ")[0] + "/httpGet/";

        assertThat(text(path + "path")).isEqualTo("/observe/health/" + probe.split(" ")[1]);
        assertThat(text(path + "port")).isEqualTo("observe");
    }

    @Test
    void selectsItsOwnPod() {
        Object labels = at("StatefulSet/sse-hub/spec/template/metadata/labels");

        assertThat(List.of("StatefulSet/sse-hub/spec/selector/matchLabels", "Service/sse-hub/spec/selector",
                "Service/sse-hub-observe/spec/selector", "PodDisruptionBudget/sse-hub/spec/selector/matchLabels",
                "NetworkPolicy/sse-hub/spec/podSelector/matchLabels")).allSatisfy(path -> assertThat(at(path)).isEqualTo(labels));
    }

    @Test
    void runsOneHubForOneFileAsTheUserOfTheImage() throws IOException {
        assertThat(at("StatefulSet/sse-hub/spec/replicas")).isEqualTo(1);
        String user = text(POD + "/securityContext/runAsUser");
        assertThat(Files.readString(Path.of("Dockerfile"))).contains("USER " + user + ":" + user);
    }

    @Test
    void leavesTheHubTheTimeToStopAndTheMemoryForItsHeap() throws IOException {
        Deployment.assertHasTimeToStop(config(), text(POD + "/terminationGracePeriodSeconds") + "s");
        Deployment.assertHasMemoryForTheHeap(text(CONTAINER + "/resources/limits/memory"));
        assertThat(at(CONTAINER + "/resources/requests/memory")).isEqualTo(at(CONTAINER + "/resources/limits/memory"));
    }
}
