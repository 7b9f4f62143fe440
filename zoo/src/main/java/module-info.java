/** Models and recipes. */
module kawi.zoo {
    requires transitive kawi.learn;
    requires java.desktop;
    requires ejml.core;
    requires ejml.ddense;
    requires xchart;
    requires static org.jspecify;

    exports kawi.models;
    exports kawi.recipes;

    opens kawi.models to
            kawi.learn;
    opens kawi.recipes to
            kawi.learn;
}
