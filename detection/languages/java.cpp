// Java: Maven or Gradle, by its wrapper if the source has one. The jar that is started is copied to
// app.jar, so that its name needs no guess.
#include "detection/languages/language.hpp"

#include <fmt/format.h>

namespace pawl::detection {

namespace {

std::optional<std::string> gradle_file(const folder& in) {
  return in.first_of({"build.gradle.kts", "build.gradle"});
}

// The largest jar that is neither sources nor documentation: Spring's and Quarkus' have all within.
std::string copy_jar(std::string_view folder) {
  return fmt::format(
      "cp \"$(ls -S {}/*.jar | grep -Ev '(-plain|-sources|-javadoc|-tests)\\.jar$' | "
      "head -1)\" app.jar",
      folder);
}

void build_by_maven(const folder& in, recipe& to) {
  const bool wrapped = in.has("mvnw");
  to.then(fmt::format("{} -B -q -DskipTests package", wrapped ? "sh ./mvnw" : "mvn"));
  to.then(copy_jar("target"));
  to.build_notes.push_back(
      fmt::format("pom.xml found, it is built by {}", wrapped ? "./mvnw package" : "mvn package"));
  if (!wrapped)
    to.build_tools.push_back({"mvn", "maven", "pom.xml"});
}

void build_by_gradle(const folder& in, recipe& to) {
  const bool wrapped = in.has("gradlew");
  to.then(fmt::format("{} --no-daemon -q assemble", wrapped ? "sh ./gradlew" : "gradle"));
  to.then(copy_jar("build/libs"));
  to.build_notes.push_back(fmt::format("{} found, it is built by {}", *gradle_file(in),
                                       wrapped ? "./gradlew assemble" : "gradle assemble"));
  if (!wrapped)
    to.build_tools.push_back({"gradle", "gradle", *gradle_file(in)});
}

} // namespace

bool is_java(const folder& in) {
  return in.has("pom.xml") || gradle_file(in);
}

std::string java_sign(const folder& in) {
  return in.has("pom.xml") ? "pom.xml" : gradle_file(in).value_or("");
}

result<recipe> read_java(const folder& in) {
  recipe made;
  if (in.has("pom.xml"))
    build_by_maven(in, made);
  else
    build_by_gradle(in, made);
  made.build_tools.push_back({"javac", "default-jdk-headless", java_sign(in)});
  const auto text = in.text(java_sign(in)).value_or("");
  if (text.find("quarkus") != std::string::npos) {
    made.build = made.build.substr(0, made.build.rfind(" && "));
    made.start = fmt::format("QUARKUS_HTTP_HOST=$HOST QUARKUS_HTTP_PORT=$PORT exec java -jar "
                             "{}/quarkus-app/quarkus-run.jar",
                             in.has("pom.xml") ? "target" : "build");
  } else
    made.start = "SERVER_PORT=$PORT exec java -jar app.jar";
  made.start_notes.emplace_back("it is started by java -jar, with the port in SERVER_PORT (Spring) "
                                "and PORT");
  made.start_tools.push_back({"java", "default-jre-headless", {}});
  return made;
}

} // namespace pawl::detection
