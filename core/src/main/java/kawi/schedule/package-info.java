/** From a graph to a plan: fusion, buffer lifetimes and the cache of plans. */
@NullMarked
package kawi.schedule;

import org.jspecify.annotations.NullMarked;
