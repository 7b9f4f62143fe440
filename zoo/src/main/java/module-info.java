/** Models and recipes. */
module kawi.zoo {
    requires transitive kawi.learn;
    requires static org.jspecify;
}
