// Starts Swagger UI. A file of its own, because the Content-Security-Policy of the page allows no inline script.
SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  validatorUrl: null, // no request to another host
});
