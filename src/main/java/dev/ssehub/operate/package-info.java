/**
 * What operators see and do while the hub runs: the open streams, those that have ended, and what became of an event. Nothing here is
 * on the way of an event: all answers follow from what the streams and the history know anyway.
 */
@NullMarked
package dev.ssehub.operate;

import org.jspecify.annotations.NullMarked;
