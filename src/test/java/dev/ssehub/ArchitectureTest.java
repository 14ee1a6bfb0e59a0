package dev.ssehub;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The rooms, and who may know whom. */
@AnalyzeClasses(packages = "dev.ssehub", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule ARROWS_POINT_TO_THE_HUB = layeredArchitecture().consideringOnlyDependenciesInLayers()
            .layer("program").definedBy("dev.ssehub").layer("http").definedBy("dev.ssehub.http..")
            .layer("feed").definedBy("dev.ssehub.feed..").layer("transport").definedBy("dev.ssehub.transport..")
            .layer("auth").definedBy("dev.ssehub.auth..").layer("hub").definedBy("dev.ssehub.hub..")
            .layer("metrics").definedBy("dev.ssehub.metrics..").layer("bench").definedBy("dev.ssehub.bench..")
            .whereLayer("program").mayNotBeAccessedByAnyLayer()
            .whereLayer("http").mayOnlyBeAccessedByLayers("program")
            .whereLayer("auth").mayOnlyBeAccessedByLayers("program", "http")
            .whereLayer("metrics").mayOnlyBeAccessedByLayers("program", "http")
            .whereLayer("bench").mayOnlyBeAccessedByLayers("program")
            .whereLayer("feed").mayOnlyBeAccessedByLayers("program")
            .whereLayer("transport").mayOnlyBeAccessedByLayers("program");

    @ArchTest
    static final ArchRule THERE_ARE_NO_OTHER_ROOMS = classes().should().resideInAnyPackage("dev.ssehub", "dev.ssehub.hub",
            "dev.ssehub.http", "dev.ssehub.feed", "dev.ssehub.transport", "dev.ssehub.auth", "dev.ssehub.metrics",
            "dev.ssehub.bench");

    @ArchTest
    static final ArchRule THE_HUB_KNOWS_THE_JDK_ONLY = classes().that().resideInAPackage("dev.ssehub.hub..")
            .should().onlyDependOnClassesThat().resideInAnyPackage("dev.ssehub.hub..", "java..", "org.jspecify..");

    @ArchTest
    static final ArchRule ONLY_HTTP_KNOWS_THE_WEB_SERVER = noClasses().that().resideOutsideOfPackage("dev.ssehub.http..")
            .should().dependOnClassesThat().resideInAnyPackage("io.helidon.webserver..", "io.helidon.http..");

    @ArchTest
    static final ArchRule ONLY_THE_CONFIGURATION_KNOWS_HELIDONS = noClasses()
            .that(not(nameMatching("dev\\.ssehub\\.Config(Layers|Keys)(\\$.*)?")))
            .should().dependOnClassesThat(resideInAPackage("io.helidon.config.."));

    @ArchTest
    static final ArchRule FEEDS_TRANSPORTS_GRANTS_AND_METERS_KNOW_NO_SERVER = noClasses()
            .that(resideInAnyPackage("dev.ssehub.feed..", "dev.ssehub.transport..", "dev.ssehub.auth..", "dev.ssehub.metrics.."))
            .should().dependOnClassesThat(resideInAPackage("io.helidon..").and(not(resideInAPackage("io.helidon.json.."))));

    @ArchTest
    static final ArchRule ONLY_AUTH_KNOWS_HOW_TOKENS_ARE_MADE = noClasses().that().resideOutsideOfPackage("dev.ssehub.auth..")
            .should().dependOnClassesThat().resideInAnyPackage("com.nimbusds..");

    @ArchTest
    static final ArchRule THE_BENCH_KNOWS_NOTHING_OF_THE_HUB = classes().that().resideInAPackage("dev.ssehub.bench..")
            .should().onlyDependOnClassesThat().resideInAnyPackage("dev.ssehub.bench..", "java..", "com.sun.management..",
                    "org.jspecify..", "org.HdrHistogram..", "picocli..", "io.helidon.json..");

    @ArchTest
    static final ArchRule NO_CYCLES = slices().matching("dev.ssehub.(*)..").should().beFreeOfCycles();
}
