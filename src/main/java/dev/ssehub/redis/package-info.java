/** The connection to Redis. All that speaks to Redis is in this package and the packages below it. */
@NullMarked
package dev.ssehub.redis;

import org.jspecify.annotations.NullMarked;
