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
USER 10001:10001
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=5s CMD ["java", "-XX:TieredStopAtLevel=1", "-jar", "/app/sse-hub.jar", "health", "--config", "/app/config/application.yaml"]
ENTRYPOINT ["java", "-XX:+ExitOnOutOfMemoryError", "-jar", "/app/sse-hub.jar", "--config", "/app/config/application.yaml"]
