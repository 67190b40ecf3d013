// Sends every type of telemetry of applicationinsights 2.x, and prints what it sent.
const appInsights = require("applicationinsights");

appInsights.setup().setSendLiveMetrics(false).setUseDiskRetryCaching(false).start();
const client = appInsights.defaultClient;
client.context.tags[client.context.keys.cloudRole] = "node-all";

const operationId = "4bf92f3577b34da6a3ce929d0e0e4700";
const requestId = `|${operationId}.00f067aa0ba90200.`;
const callId = `|${operationId}.00f067aa0ba90201.`;
const top = { "ai.operation.id": operationId };
const below = { ...top, "ai.operation.parentId": requestId };

client.trackRequest({
  id: requestId, name: "node request", url: "http://shop/x", duration: 20, resultCode: "200", success: true,
  tagOverrides: { ...top, "ai.operation.parentId": "" },
});
client.trackDependency({
  id: callId, name: "node call", target: "stock:8001", data: "http://stock:8001/items", dependencyTypeName: "HTTP",
  duration: 10, resultCode: 200, success: true, tagOverrides: below,
});
client.trackTrace({ message: "node message", severity: 2, tagOverrides: below });
client.trackException({ exception: new TypeError("node exception"), tagOverrides: below });
client.trackEvent({ name: "node event", properties: { a: 1 }, tagOverrides: below });
client.trackPageView({ name: "node page", url: "http://shop/page", tagOverrides: below });
client.trackAvailability({
  id: "node-probe", name: "node probe", duration: 5, success: true, runLocation: "lab", tagOverrides: below,
});
client.trackMetric({ name: "node_metric", value: 7 });

const parentId = "00f067aa0ba90200";
const sent = {
  operation_id: operationId,
  items: [
    { item_type: "request", id: parentId },
    { item_type: "dependency", id: "00f067aa0ba90201", parent_id: parentId },
    { item_type: "trace", message: "node message", parent_id: parentId },
    { item_type: "exception", name: "TypeError", parent_id: parentId },
    { item_type: "customEvent", name: "node event", parent_id: parentId },
    { item_type: "pageView", name: "node page", parent_id: parentId },
    { item_type: "availabilityResult", id: "node-probe", parent_id: parentId },
  ],
  metrics: ["node_metric"],
};
client.flush({
  callback: () => {
    console.log(JSON.stringify(sent));
    process.exit(0);
  },
});
