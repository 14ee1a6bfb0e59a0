package dev.ssehub;

import module java.base;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasModifiers.Predicates.modifier;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import org.junit.jupiter.api.Test;

/** The packages, and which of them may use which. */
@AnalyzeClasses(packages = "dev.ssehub", importOptions = ArchitectureTest.MainClasses.class)
class ArchitectureTest {
    private static final String ROOT = "dev.ssehub";
    private static final Path SOURCES = Path.of("src/main/java");
    private static final int MAX_LINES = 260;
    private static final int MAX_CLASSES = 15;

    /** The packages from the top floor down: a package may use only the packages that follow. */
    private static final List<String> FLOORS = List.of("", ".bench", ".bench.load", ".config", ".logging", ".server",
            ".operate", ".mercure", ".publish", ".access", ".http",
            ".connection", ".stream", ".limit", ".relay", ".feed", ".redis.stream", ".redis.cluster", ".redis", ".transport",
            ".cluster",
            ".hub", ".subscriber", ".history.file",
            ".history.database", ".history.memory",
            ".history",
            ".event", ".auth",
            ".topic", ".tls", ".keys", ".tracing", ".metrics", ".thread");

    /** Classes of one package that may use each other, and why. */
    private static final Map<Set<String>, String> KNOTS = Map.of( //
            Set.of("TopicSelector", "UriTemplate", "TemplateExpression"), "a sealed interface names its implementations");

    /** The JVM, the launcher or Helidon finds these by name. */
    private static final Set<String> FOUND_BY_NAME = Set.of("Launcher", "Main", "Logging", "Manager", "LogHandler",
            "FrameSinkProvider");

    @ArchTest
    static final ArchRule THERE_ARE_NO_OTHER_PACKAGES = classes().should()
            .resideInAnyPackage(FLOORS.stream().map(floor -> ROOT + floor).toArray(String[]::new));

    @ArchTest
    static final ArchRule PACKAGES_HAVE_NO_CYCLES = slices().matching("dev.ssehub.(**)").should().beFreeOfCycles();

    @ArchTest
    static void packagesUseOnlyLowerFloors(JavaClasses classes) {
        for (int floor = 1; floor < FLOORS.size(); floor++) {
            String[] above = FLOORS.subList(0, floor).stream().map(name -> ROOT + name).toArray(String[]::new);
            noClasses().that().resideInAPackage(ROOT + FLOORS.get(floor)).should().dependOnClassesThat()
                    .resideInAnyPackage(above).check(classes);
        }
    }

    @ArchTest
    static void classesOfAPackageHaveNoCycles(JavaClasses classes) {
        for (String floor : FLOORS) {
            slices().assignedFrom(new ClassesOf(ROOT + floor)).should().beFreeOfCycles().check(classes);
        }
    }

    @ArchTest
    static final ArchRule THE_CORE_USES_THE_JDK_AND_METRICS_ONLY = classes().that()
            .resideInAnyPackage("dev.ssehub.topic", "dev.ssehub.event", "dev.ssehub.history", "dev.ssehub.history.memory",
                    "dev.ssehub.subscriber",
                    "dev.ssehub.hub")
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage("java..", "org.jspecify..", "dev.ssehub.topic", "dev.ssehub.event",
                    "dev.ssehub.history", "dev.ssehub.history.memory", "dev.ssehub.subscriber", "dev.ssehub.hub",
                    "dev.ssehub.metrics", "dev.ssehub.thread")
                    .and(not(resideInAPackage("dev.ssehub.metrics").and(JavaClass.Predicates.simpleName("Meters")))));

    @ArchTest
    static final ArchRule METRICS_AND_THREAD_USE_NO_OTHER_PACKAGE = noClasses()
            .that().resideInAnyPackage("dev.ssehub.metrics", "dev.ssehub.thread", "dev.ssehub.keys")
            .should().dependOnClassesThat(resideInAPackage("dev.ssehub..").and(not(
                    resideInAnyPackage("dev.ssehub.metrics", "dev.ssehub.thread", "dev.ssehub.keys"))));

    @ArchTest
    static final ArchRule ONLY_WEB_PACKAGES_USE_THE_WEB_SERVER = noClasses()
            .that()
            .resideOutsideOfPackages("dev.ssehub.server", "dev.ssehub.operate", "dev.ssehub.mercure", "dev.ssehub.publish",
                    "dev.ssehub.access", "dev.ssehub.http",
                    "dev.ssehub.connection", "dev.ssehub.stream")
            .should().dependOnClassesThat().resideInAnyPackage("io.helidon.webserver..", "io.helidon.http..");

    @ArchTest
    static final ArchRule ONLY_THE_FILE_OF_THE_HISTORY_USES_SQLITE = noClasses()
            .that().resideOutsideOfPackages("dev.ssehub.history.file", "dev.ssehub.history.database")
            .should().dependOnClassesThat().resideInAnyPackage("java.sql..", "org.sqlite..");

    @ArchTest
    static final ArchRule ONLY_REDIS_KNOWS_REDIS = noClasses().that().resideOutsideOfPackage("dev.ssehub.redis..")
            .should().dependOnClassesThat().resideInAPackage("redis..");

    @ArchTest
    static final ArchRule ONLY_PUBLISH_KNOWS_JACKSON = noClasses().that().resideOutsideOfPackage("dev.ssehub.publish")
            .should().dependOnClassesThat().resideInAPackage("tools.jackson..");

    @ArchTest
    static final ArchRule A_RELAY_IS_A_PUBLISHER_AND_NO_PART_OF_THE_SERVER = classes().that().resideInAPackage("dev.ssehub.relay")
            .should().onlyDependOnClassesThat(resideInAnyPackage("java..", "org.jspecify..", "io.github.bucket4j..",
                    "dev.ssehub.relay", "dev.ssehub.feed", "dev.ssehub.cluster", "dev.ssehub.hub", "dev.ssehub.history",
                    "dev.ssehub.event", "dev.ssehub.topic", "dev.ssehub.metrics", "dev.ssehub.thread"));

    @ArchTest
    static final ArchRule ONLY_CONFIG_READS_YAML = noClasses().that().resideOutsideOfPackage("dev.ssehub.config")
            .should().dependOnClassesThat().resideInAnyPackage("io.helidon.config..", "org.yaml.snakeyaml..");

    @ArchTest
    static final ArchRule ONLY_KEYS_AND_AUTH_USE_NIMBUS = noClasses()
            .that().resideOutsideOfPackages("dev.ssehub.keys", "dev.ssehub.auth")
            .should().dependOnClassesThat().resideInAPackage("com.nimbusds..");

    @ArchTest
    static final ArchRule ONLY_THE_TRANSPORT_OF_TLS_KNOWS_KEYS_AND_CERTIFICATES = noClasses()
            .that().resideOutsideOfPackages("dev.ssehub.keys", "dev.ssehub.tls", "dev.ssehub.server", "dev.ssehub.connection")
            .should().dependOnClassesThat().resideInAnyPackage("io.helidon.common.pki..", "io.helidon.common.tls..");

    @ArchTest
    static final ArchRule ONLY_METRICS_KNOWS_PROMETHEUS = noClasses().that().resideOutsideOfPackage("dev.ssehub.metrics")
            .should().dependOnClassesThat().resideInAPackage("io.prometheus..");

    @ArchTest
    static final ArchRule ONLY_TRACING_KNOWS_OPEN_TELEMETRY = noClasses().that().resideOutsideOfPackage("dev.ssehub.tracing")
            .should().dependOnClassesThat().resideInAPackage("io.opentelemetry..");

    @ArchTest
    static final ArchRule THE_BENCH_USES_NOTHING_OF_THE_HUB = classes().that().resideInAPackage("dev.ssehub.bench..")
            .should().onlyDependOnClassesThat().resideInAnyPackage("dev.ssehub.bench..", "java..", "com.sun.management..",
                    "org.jspecify..", "org.HdrHistogram..", "picocli..", "io.helidon.json..");

    @ArchTest
    static final ArchRule PUBLIC_MEANS_USED_BY_ANOTHER_PACKAGE = classes().that(modifier(JavaModifier.PUBLIC))
            .should(new BeUsedByAnotherPackage());

    @ArchTest
    static void limitsTheClassesOfAPackage(JavaClasses classes) {
        Map<String, Long> sizes = classes.stream().filter(ArchitectureTest::isTopLevel)
                .collect(groupingBy(JavaClass::getPackageName, counting()));
        assertThat(sizes).isNotEmpty().allSatisfy((name, size) -> assertThat(size).as(name).isLessThanOrEqualTo(MAX_CLASSES));
    }

    @Test
    void limitsTheLinesOfAClass() throws IOException {
        List<Path> sources = sources();
        assertThat(sources).isNotEmpty()
                .allSatisfy(source -> assertThat(Files.readAllLines(source)).hasSizeLessThanOrEqualTo(MAX_LINES));
    }

    @Test
    void namesThePathOfTheProtocolInOneFile() throws IOException {
        assertThat(sources().stream().filter(source -> contains(source, "\"/.well-known/mercure"))).hasSize(1);
    }

    private static List<Path> sources() throws IOException {
        try (Stream<Path> files = Files.walk(SOURCES)) {
            return files.filter(file -> file.toString().endsWith(".java")).toList();
        }
    }

    private static boolean contains(Path source, String text) {
        try {
            return Files.readString(source).contains(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isTopLevel(JavaClass type) {
        return type.isTopLevelClass() && !type.getSimpleName().equals("package-info");
    }

    private static JavaClass topLevel(JavaClass type) {
        return type.getEnclosingClass().map(ArchitectureTest::topLevel).orElse(type);
    }

    /** Leaves out the tests, wherever the build puts its classes. */
    static final class MainClasses implements ImportOption {
        @Override
        public boolean includes(Location location) {
            return !location.contains("test-classes");
        }
    }

    /** Makes a slice of each top-level class of one package; classes of a knot share a slice. */
    private record ClassesOf(String packageName) implements SliceAssignment {
        @Override
        public SliceIdentifier getIdentifierOf(JavaClass type) {
            if (!type.getPackageName().equals(packageName)) {
                return SliceIdentifier.ignore();
            }
            String name = topLevel(type).getSimpleName();
            return SliceIdentifier
                    .of(KNOTS.keySet().stream().filter(knot -> knot.contains(name)).map(Object::toString).findFirst()
                            .orElse(name));
        }

        @Override
        public String getDescription() {
            return "the classes of " + packageName;
        }
    }

    private static final class BeUsedByAnotherPackage extends ArchCondition<JavaClass> {
        BeUsedByAnotherPackage() {
            super("be used by another package");
        }

        @Override
        public void check(JavaClass type, ConditionEvents events) {
            boolean implicit = type.getEnclosingClass().map(JavaClass::isInterface).orElse(false);
            // a lambda does not name its type, so another package must call a method that takes it
            boolean lambda = type.isInterface() && type.getMethodsWithParameterTypeOfSelf().stream()
                    .flatMap(method -> method.getAccessesToSelf().stream())
                    .anyMatch(access -> !access.getOriginOwner().getPackageName().equals(type.getPackageName()));
            boolean used = implicit || lambda || FOUND_BY_NAME.contains(type.getSimpleName())
                    || type.getDirectDependenciesToSelf().stream()
                            .anyMatch(use -> !use.getOriginClass().getPackageName().equals(type.getPackageName()));
            events.add(new SimpleConditionEvent(type, used, type.getName() + " is public, but no other package uses it"));
        }
    }
}
