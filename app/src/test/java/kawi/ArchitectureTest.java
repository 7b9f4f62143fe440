package kawi;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The direction of the arrows in ARCHITECTURE.md: what a package may never mention. */
class ArchitectureTest {
    private static final JavaClasses KAWI =
            new ClassFileImporter(Set.of(new ImportOption.DoNotIncludeTests())).importPackages("kawi");

    @ParameterizedTest(name = "{0} never mentions {1}")
    @CsvSource(delimiter = '|', textBlock = """
        # between modules: app → zoo → learn → core
        zoo      | models recipes                                  | cli board serve
        learn    | nn optim data.. text io train classic evaluate linalg sparse             | models recipes cli board serve
        core     | base graph autodiff device schedule tensor cpu.. reference | nn optim data.. text io train classic evaluate linalg sparse models recipes cli board serve
        # inside core: tensor → autodiff, schedule → device → graph → base
        base     | base                                            | graph device autodiff schedule tensor cpu.. reference
        graph    | graph                                           | device autodiff schedule tensor cpu.. reference
        device   | device                                          | autodiff schedule tensor cpu.. reference
        autodiff | autodiff                                        | schedule tensor cpu.. reference
        schedule | schedule                                        | autodiff tensor cpu.. reference
        tensor   | tensor                                          | cpu.. reference
        # a backend sees the graph and the device interface; nothing but ServiceLoader sees a backend
        cpu      | cpu..                                           | autodiff schedule tensor reference
        reference| reference                                       | autodiff schedule tensor cpu..
        users    | nn optim data.. text io train classic evaluate linalg sparse models recipes cli board serve | cpu.. reference
        """)
    void arrowsRunOneWay(String name, String from, String never) {
        noClasses()
                .that()
                .resideInAnyPackage(packages(from))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(packages(never))
                .as("kawi." + name + " never mentions " + never)
                .allowEmptyShould(true)
                .check(KAWI);
    }

    /** Without this, a test that finds no class would hold every rule. */
    @Test
    void classesOfTheModulesAreSeen() {
        assertThat(KAWI.stream().map(type -> type.getPackageName())).contains("kawi.base", "kawi.graph", "kawi.cli");
    }

    private static String[] packages(String names) {
        return java.util.Arrays.stream(names.trim().split(" +"))
                .map(name -> "kawi." + name)
                .toArray(String[]::new);
    }
}
