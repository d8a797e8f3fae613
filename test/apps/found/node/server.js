const http = require("http");

http
  .createServer((request, response) => response.end("Hello, Node"))
  .listen(process.env.PORT, process.env.HOST);
