/** Architectures, one file each. */
@NullMarked
package kawi.models;

import org.jspecify.annotations.NullMarked;
