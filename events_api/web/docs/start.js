// Shows the API's own description; nothing is asked of any other server.

window.SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#description",
  deepLinking: true,
  validatorUrl: null,
});
