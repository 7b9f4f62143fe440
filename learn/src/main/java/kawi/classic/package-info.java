/**
 * Learning before deep learning. Every method is a class with a static {@code fit} (or {@code of}), which takes the training data and
 * returns what was learnt: an immutable {@link kawi.classic.Model} that predicts, or a transformation. So nothing can be fitted to data that
 * was not given as training data. To add a method, add such a class.
 */
@NullMarked
package kawi.classic;

import org.jspecify.annotations.NullMarked;
