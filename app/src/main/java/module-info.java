/** The kawi command. */
module kawi.app {
    requires kawi.zoo;
    requires info.picocli;
    requires jdk.incubator.vector;
    requires static org.jspecify;

    opens kawi.cli to
            info.picocli;
}
