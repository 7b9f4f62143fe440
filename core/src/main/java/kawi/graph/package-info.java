/** The immutable graph of operations: nodes, the declarations of the ops, rewrite rules and their verifier. */
@NullMarked
package kawi.graph;

import org.jspecify.annotations.NullMarked;
