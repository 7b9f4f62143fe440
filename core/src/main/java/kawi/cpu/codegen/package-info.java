/** Loop nests compiled to hidden classes with the Class-File API and the Vector API. */
@NullMarked
package kawi.cpu.codegen;

import org.jspecify.annotations.NullMarked;
