/** Layers, optimisers, data sets, files and training. */
module kawi.learn {
    requires transitive kawi.core;
    requires java.desktop;
    requires java.net.http;
    requires ejml.core;
    requires ejml.ddense;
    requires tools.jackson.databind;
    requires xchart;
    requires static org.jspecify;

    exports kawi.classic;
    exports kawi.data;
    exports kawi.data.table;
    exports kawi.evaluate;
    exports kawi.io;
    exports kawi.linalg;
    exports kawi.nn;
    exports kawi.optim;
    exports kawi.sparse;
    exports kawi.train;

    opens kawi.train to
            tools.jackson.databind;
}
