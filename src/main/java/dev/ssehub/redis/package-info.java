/** The connections to Redis. Only this package and those below it speak to Redis. */
@NullMarked
package dev.ssehub.redis;

import org.jspecify.annotations.NullMarked;
