// Python: the packages (python_packages.hpp), and the framework, whose app is looked for in the
// code. gunicorn serves WSGI apps, uvicorn ASGI ones.
#include "detection/languages/code_search.hpp"
#include "detection/languages/python_packages.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pawl::detection {

namespace {

constexpr int app_depth = 2; // folders in which the file of an app is looked for

// A file of code, and the object in it that is the app.
struct app_object {
  std::string file;
  std::string object; // "app", "create_app()"
};

// "src/shop/app.py" → "shop.app" with the folder "src" before it.
std::string module_of(std::string file) {
  file.resize(file.size() - 3);
  if (file.ends_with("/__init__"))
    file.resize(file.size() - 9);
  std::replace(file.begin(), file.end(), '/', '.');
  return file.starts_with("src.") ? file.substr(4) : file;
}

// Files of the usual names first.
std::vector<std::string> code_of(const folder& in) {
  auto all = in.files_like(".py", app_depth);
  auto usual = [](const std::string& file) {
    const auto name = file.substr(file.rfind('/') + 1);
    return name == "wsgi.py" || name == "asgi.py" || name == "app.py" || name == "main.py" ||
           name == "application.py" || name == "server.py" || name == "__init__.py";
  };
  std::stable_partition(all.begin(), all.end(), usual);
  return all;
}

std::optional<app_object> find_app(const folder& in, std::string_view call, bool factories) {
  std::optional<app_object> factory;
  for (const auto& file : code_of(in)) {
    const auto text = in.code(file);
    if (auto name = name_given_to(text, call))
      return app_object{file, *name};
    if (factories && !factory && text.find(call) != std::string::npos)
      for (auto maker : {"create_app", "make_app"})
        if (text.find(fmt::format("\ndef {}(", maker)) != std::string::npos)
          factory = app_object{file, fmt::format("{}()", maker)};
  }
  return factory;
}

bool uses(const folder& in, const python_packages& packages, std::string_view package) {
  if (!packages.file.empty())
    return packages.name(package);
  for (const auto& file : in.files_like(".py", 1)) {
    const auto text = in.code(file);
    if (text.find(fmt::format("from {}", package)) != std::string::npos ||
        text.find(fmt::format("import {}", package)) != std::string::npos)
      return true;
  }
  return false;
}

std::string path_option(const app_object& app, std::string_view option) {
  return app.file.starts_with("src/") ? fmt::format(" {} src", option) : std::string{};
}

void start_wsgi(const app_object& app, std::string_view framework, recipe& to) {
  const auto target = fmt::format("{}:{}", module_of(app.file), app.object);
  to.start = fmt::format("exec gunicorn --bind $HOST:$PORT{} {}", path_option(app, "--pythonpath"),
                         shell_word(target));
  to.start_notes.push_back(
      fmt::format("{}: {} has the app, it is started by gunicorn {}", framework, app.file, target));
}

void start_asgi(const app_object& app, std::string_view framework, recipe& to) {
  const auto target =
      fmt::format("{}:{}", module_of(app.file), app.object.substr(0, app.object.find('(')));
  to.start =
      fmt::format("exec uvicorn --host $HOST --port $PORT{}{} {}", path_option(app, "--app-dir"),
                  app.object.ends_with("()") ? " --factory" : "", shell_word(target));
  to.start_notes.push_back(
      fmt::format("{}: {} has the app, it is started by uvicorn {}", framework, app.file, target));
}

bool plan_django(const folder& in, const python_packages& packages, recipe& to) {
  if (!in.has("manage.py"))
    return false;
  auto settings = quoted_behind(in.code("manage.py"), "DJANGO_SETTINGS_MODULE\",");
  if (!settings)
    settings = quoted_behind(in.code("manage.py"), "DJANGO_SETTINGS_MODULE',");
  if (!settings || !is_plain(*settings))
    return false;
  plan_environment(packages, {"gunicorn"}, in, to);
  const auto package = settings->substr(0, settings->find('.'));
  auto file = *settings;
  std::replace(file.begin(), file.end(), '.', '/');
  const auto code = in.code(in.has(file + ".py") ? file + ".py" : file + "/__init__.py");
  if (has_word(code, "STATIC_ROOT")) {
    to.then("python3 manage.py collectstatic --noinput");
    to.build_notes.emplace_back("Django: STATIC_ROOT is set, static files are collected");
    to.build_tools.push_back({"python3", "python3", "manage.py"});
  }
  to.start = fmt::format("exec gunicorn --bind $HOST:$PORT {}.wsgi", package);
  to.start_notes.push_back(fmt::format("Django: it is started by gunicorn {}.wsgi; migrations are "
                                       "not run, [release] command = \"python3 manage.py migrate\" "
                                       "in pawl.toml would",
                                       package));
  return true;
}

struct web_framework {
  std::string_view package;
  std::string_view name;
  std::string_view call;
  bool asgi;
};

constexpr auto web_frameworks = std::to_array<web_framework>({
    {"fastapi", "FastAPI", "FastAPI(", true},
    {"flask", "Flask", "Flask(", false},
    {"starlette", "Starlette", "Starlette(", true},
    {"litestar", "Litestar", "Litestar(", true},
    {"quart", "Quart", "Quart(", true},
    {"sanic", "Sanic", "Sanic(", true},
    {"bottle", "Bottle", "Bottle(", false},
    {"falcon", "Falcon", "falcon.App(", false},
    {"dash", "Dash", "Dash(", false},
});

bool plan_framework(const folder& in, const python_packages& packages, recipe& to) {
  for (const auto& each : web_frameworks) {
    if (!uses(in, packages, each.package))
      continue;
    auto app = find_app(in, each.call, true);
    if (!app)
      continue;
    plan_environment(packages, {each.asgi ? "uvicorn" : "gunicorn"}, in, to);
    if (each.package == "dash")
      app->object += ".server";
    each.asgi ? start_asgi(*app, each.name, to) : start_wsgi(*app, each.name, to);
    return true;
  }
  return false;
}

} // namespace

bool is_python(const folder& in) {
  return in.first_of({"requirements.txt", "pyproject.toml", "Pipfile", "setup.py", "manage.py",
                      "app.py", "main.py", "wsgi.py", "server.py", "app/main.py", "src/main.py"}) ||
         (!in.has("package.json") && !in.has("index.html") && !in.files_like(".py", 0).empty());
}

std::string python_sign(const folder& in) {
  auto sign =
      in.first_of({"requirements.txt", "pyproject.toml", "Pipfile", "setup.py", "manage.py",
                   "app.py", "main.py", "wsgi.py", "server.py", "app/main.py", "src/main.py"});
  return sign ? *sign : in.files_like(".py", 0).front();
}

result<recipe> read_python(const folder& in) {
  auto packages = read_python_packages(in);
  if (!packages)
    return std::move(packages).error();
  recipe made;
  made.run_env["PYTHONUNBUFFERED"] = "1"; // its lines come when they are printed
  if (plan_django(in, *packages, made) || plan_framework(in, *packages, made))
    return made;
  plan_environment(*packages, {}, in, made);
  if (uses(in, *packages, "streamlit")) {
    const auto file = in.first_of({"streamlit_app.py", "app.py", "main.py"}).value_or("app.py");
    made.start = "exec streamlit run " + file +
                 " --server.address $HOST --server.port $PORT --server.headless true";
    made.start_notes.push_back("Streamlit: it is started by streamlit run " + file);
    return made;
  }
  auto file = in.first_of({"main.py", "app.py", "server.py", "run.py", "wsgi.py", "bot.py"});
  const auto all = in.files_like(".py", 0);
  if (!file && all.size() == 1)
    file = all.front();
  if (file) {
    made.start = "exec python3 " + shell_word(*file);
    made.start_notes.push_back(fmt::format("it is started by python3 {}", *file));
  } else
    made.no_start = "no app of Django, Flask or FastAPI was found in the Python files, and no "
                    "main.py or app.py: add [run] command to pawl.toml, such as command = "
                    "\"gunicorn --bind $HOST:$PORT shop:app\"";
  return made;
}

} // namespace pawl::detection
