/** Models and recipes. */
module kawi.zoo {
    requires transitive kawi.learn;
    requires static org.jspecify;

    exports kawi.models;
    exports kawi.recipes;

    opens kawi.models to
            kawi.learn;
}
