/** The configuration: YAML, environment and system properties become checked records. Every mistake is one sentence. */
@NullMarked
package dev.ssehub.config;

import org.jspecify.annotations.NullMarked;
