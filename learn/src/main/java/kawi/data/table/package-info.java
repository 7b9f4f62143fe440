/** Tables: CSV and ARFF files row by row or as columns, and transformations that learn from training rows alone. */
@NullMarked
package kawi.data.table;

import org.jspecify.annotations.NullMarked;
