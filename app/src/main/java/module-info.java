/** The kawi command. */
module kawi.app {
    requires kawi.zoo;
    requires info.picocli;
    requires java.management;
    requires jdk.jshell;
    requires tools.jackson.databind;
    requires static org.jspecify;

    opens kawi.cli to
            info.picocli;
}
