FROM maven:3-eclipse-temurin-25 AS build
WORKDIR /src
COPY pom.xml ./
COPY .mvn .mvn
COPY config config
COPY src src
RUN mvn -B -q -Dmaven.test.skip=true package

FROM eclipse-temurin:25-jre
WORKDIR /app
COPY --from=build /src/target/libs libs
COPY --from=build /src/target/sse-hub.jar sse-hub.jar
COPY --from=build /src/config config
# The health check reads from the second file where the hub listens. /dev/shm can be written although the rest is read-only.
ENV SSE_HUB_CONFIG=/app/config/application.yaml SSE_HUB_OBSERVE_ADDRESS_FILE=/dev/shm/sse-hub
# The place for a volume with the file of the history (sse-hub.history.file). A new volume gets the owner of this folder.
RUN install -d -m 700 -o 10001 -g 10001 /data
# A training run writes a cache of classes and of profiles of methods (JEP 514, JEP 515). With it, the hub starts in half the time, and
# its first publishes cost about half. The last bench goes to the limit, so its result does not matter.
RUN java -XX:AOTCacheOutput=/app/sse-hub.aot -Xlog:aot*=error @/app/config/jvm.options -Dsse-hub.publish.max-rate-per-address=1000000 \
        -jar /app/sse-hub.jar & hub=$!; \
    until java -jar /app/sse-hub.jar health 2>/dev/null; do kill -0 $hub || exit 1; sleep 0.2; done; \
    for i in 1 2 3 4; do \
        java -jar /app/sse-hub.jar bench 'http://localhost:8080/sse?topic=chat' --publish http://localhost:8080/sse \
            --subscribers 900 --rate 50 --duration 1s || { kill $hub; exit 1; }; \
    done; \
    openssl version && timeout 3 bash /app/config/health.sh || { kill $hub; exit 1; }; \
    java -jar /app/sse-hub.jar bench 'http://localhost:8080/sse?topic=chat' --publish http://localhost:8080/sse \
        --subscribers 1 --rate 20000 || true; \
    kill $hub; wait $hub; test -s /app/sse-hub.aot
USER 10001:10001
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=5s CMD ["timeout", "3", "bash", "/app/config/health.sh"]
ENTRYPOINT ["java", "-XX:AOTCache=/app/sse-hub.aot", "-Xlog:aot*=error", "@/app/config/jvm.options", "-jar", "/app/sse-hub.jar"]
