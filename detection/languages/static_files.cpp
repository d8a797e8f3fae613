// Files that a browser reads as they are: served by nginx, whose configuration the start makes, as
// the port is known only then.
#include "detection/languages/language.hpp"

#include <fmt/format.h>

namespace pawl::detection {

namespace {

// The folder of an index.html; nothing if there is none.
std::optional<std::string> site_of(const folder& in) {
  if (in.has("index.html"))
    return "";
  for (auto name : {"public", "dist", "site", "_site", "www", "html", "htdocs", "out", "build"})
    if (in.has(std::string{name} + "/index.html"))
      return name;
  return std::nullopt;
}

// `fallback` is what a path leads to that no file has.
std::string nginx_command(std::string_view folder, std::string_view fallback) {
  return fmt::format(R"(cat >/tmp/nginx.conf <<END
daemon off; worker_processes 1; pid /tmp/nginx.pid; error_log stderr;
events {{}}
http {{
  include /etc/nginx/mime.types; default_type application/octet-stream; charset utf-8;
  sendfile on; gzip on;
  gzip_types text/css text/javascript application/javascript application/json image/svg+xml;
  access_log /dev/stdout; server_tokens off; absolute_redirect off;
  client_body_temp_path /tmp/body; proxy_temp_path /tmp/proxy; fastcgi_temp_path /tmp/fastcgi;
  uwsgi_temp_path /tmp/uwsgi; scgi_temp_path /tmp/scgi;
  server {{
    listen $HOST:$PORT; root "$PWD{}";
    error_page 404 /404.html; error_page 403 =404 /404.html;
    location / {{ try_files \$uri \$uri/ \$uri.html {}; }}
    location ~ ^/(pawl\.toml|Procfile)$ {{ return 404; }}
    location ~ /\.(?!well-known/) {{ return 404; }}
  }}
}}
END
exec nginx -e stderr -c /tmp/nginx.conf)",
                     folder.empty() ? "" : fmt::format("/{}", folder), fallback);
}

void serve(std::string_view folder, std::string_view fallback, recipe& to) {
  to.start = nginx_command(folder, fallback);
  to.start_notes.push_back(fmt::format(
      "{} is served by nginx{}", folder.empty() ? "the folder" : fmt::format("{}/", folder),
      fallback == "=404" ? "" : "; a path that no file has leads to index.html"));
  to.start_tools.push_back({"nginx", "nginx-light", {}});
}

} // namespace

void serve_files(std::string_view folder, recipe& to) {
  serve(folder, "/index.html", to);
}

bool is_static(const folder& in) {
  return site_of(in).has_value();
}

std::string static_sign(const folder& in) {
  auto site = site_of(in).value_or("");
  return site.empty() ? "index.html" : site + "/index.html";
}

result<recipe> read_static(const folder& in) {
  recipe made;
  serve(site_of(in).value_or(""), "=404", made);
  return made;
}

} // namespace pawl::detection
