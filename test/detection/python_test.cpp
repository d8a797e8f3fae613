// Python: how packages are installed, and where the app is found.
#include "test/detection/tree_of.hpp"

using namespace pawl;
using namespace pawl::test;

BOOST_AUTO_TEST_SUITE(python)

BOOST_AUTO_TEST_CASE(an_app_of_flask_is_found_in_the_code) {
  const auto found = found_in({{"requirements.txt", "Flask==2.2.2\n"},
                               {"hello.py", "from flask import Flask\napp = Flask(__name__)\n"}});
  BOOST_TEST(found.settings.build.command ==
             "python3 -m venv --system-site-packages .venv && pip install -q -r requirements.txt "
             "&& pip install -q gunicorn");
  BOOST_TEST(found.settings.run.command == "exec gunicorn --bind $HOST:$PORT hello:app");
  BOOST_TEST(found.settings.run.env.at("PATH").starts_with("/app/.venv/bin:"));
  BOOST_TEST(needs(found, "pip3"));
}

BOOST_AUTO_TEST_CASE(a_factory_is_called) {
  const auto found =
      found_in({{"requirements.txt", "flask\ngunicorn\n"},
                {"shop/__init__.py", "from flask import Flask\n\ndef create_app():\n    app = "
                                     "Flask(__name__)\n    return app\n"}});
  BOOST_TEST(found.settings.run.command == "exec gunicorn --bind $HOST:$PORT 'shop:create_app()'");
  BOOST_TEST(!says(found.settings.build.command, "install -q gunicorn"));
}

BOOST_AUTO_TEST_CASE(fastapi_is_served_by_uvicorn) {
  const auto found = found_in(
      {{"pyproject.toml",
        "[project]\nname = \"x\"\ndependencies = [\"fastapi>=0.90\", \"uvicorn\"]\n"},
       {"app/main.py", "from fastapi import FastAPI\napp: FastAPI = FastAPI(title='x')\n"}});
  BOOST_TEST(
      found.settings.build.command ==
      "python3 -m venv --system-site-packages .venv && pip install -q 'fastapi>=0.90' uvicorn");
  BOOST_TEST(found.settings.run.command == "exec uvicorn --host $HOST --port $PORT app.main:app");
}

BOOST_AUTO_TEST_CASE(code_in_src_is_found_and_its_path_named) {
  const auto found = found_in(
      {{"requirements.txt", "fastapi\nuvicorn\n"}, {"src/api/main.py", "api = FastAPI()\n"}});
  BOOST_TEST(found.settings.run.command ==
             "exec uvicorn --host $HOST --port $PORT --app-dir src api.main:api");
}

BOOST_AUTO_TEST_CASE(django_is_known_by_its_manage_py) {
  const auto found = found_in(
      {{"requirements.txt", "Django>=3\n"},
       {"manage.py", "    os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'mysite.settings')\n"},
       {"mysite/settings.py", "STATIC_ROOT = 'static'\n"},
       {"mysite/wsgi.py", ""}});
  BOOST_TEST(found.settings.run.command == "exec gunicorn --bind $HOST:$PORT mysite.wsgi");
  BOOST_TEST(
      found.settings.build.command.ends_with("&& python3 manage.py collectstatic --noinput"));
  BOOST_TEST(tells(found, "migrations are not run"));
}

BOOST_AUTO_TEST_CASE(uv_and_poetry_are_brought_for_the_build) {
  const auto uv =
      found_in({{"pyproject.toml", "[project]\nname = \"x\"\n"}, {"uv.lock", ""}, {"main.py", ""}});
  BOOST_TEST(says(uv.settings.build.command, "\"$HOME/tool/bin/uv\" sync --frozen --no-dev"));
  const auto poetry =
      found_in({{"pyproject.toml", "[tool.poetry]\nname = \"x\"\n"}, {"main.py", ""}});
  BOOST_TEST(says(poetry.settings.build.command, "\"$HOME/tool/bin/poetry\" install --no-root"));
}

BOOST_AUTO_TEST_CASE(a_program_without_packages_is_started_as_it_is) {
  const auto found = found_in({{"serve.py", "print(1)\n"}});
  BOOST_TEST(found.settings.build.command == "");
  BOOST_TEST(found.settings.run.command == "exec python3 serve.py");
  BOOST_TEST(found.settings.run.env.at("PYTHONUNBUFFERED") == "1");
  const auto flask = found_in({{"app.py", "from flask import Flask\napp = Flask(__name__)\n"}});
  BOOST_TEST(flask.settings.build.command == "");
  BOOST_TEST(needs(flask, "gunicorn"));
}

BOOST_AUTO_TEST_CASE(what_is_broken_or_not_found_is_told) {
  BOOST_TEST(says(why_nothing_in({{"pyproject.toml", "[project\n"}}), "pyproject.toml is no TOML"));
  BOOST_TEST(says(why_nothing_in({{"pyproject.toml", "[project]\ndependencies = [\"a\\u0000b\"]\n"},
                                  {"main.py", ""}}),
                  "pyproject.toml names something with a byte that is 0"));
  BOOST_TEST(says(why_nothing_in({{"requirements.txt", "numpy\n"}, {"a.py", ""}, {"b.py", ""}}),
                  "add [run] command"));
}

BOOST_AUTO_TEST_SUITE_END()
