// Sends every type of telemetry of OpenTelemetry for JavaScript, and prints what it sent.
// The argument is the exporter: `azure` (Azure's distribution) or `otlp` (OpenTelemetry's own protocol) in JSON.
import { metrics, SpanKind, trace } from "@opentelemetry/api";
import { logs, SeverityNumber } from "@opentelemetry/api-logs";
import { resourceFromAttributes } from "@opentelemetry/resources";

const exporter = process.argv[2];
const resource = resourceFromAttributes({ "service.name": `js-${exporter}-all` });

async function byAzure() {
  const { shutdownAzureMonitor, useAzureMonitor } = await import("@azure/monitor-opentelemetry");
  const connectionString = process.env.APPLICATIONINSIGHTS_CONNECTION_STRING;
  useAzureMonitor({
    resource,
    samplingRatio: 1,
    tracesPerSecond: 0,
    enableLiveMetrics: false,
    azureMonitorExporterOptions: { connectionString, disableOfflineStorage: true },
  });
  return shutdownAzureMonitor;
}

async function byOtlp() {
  const { NodeSDK, logs: sdkLogs, metrics: sdkMetrics } = await import("@opentelemetry/sdk-node");
  const { OTLPTraceExporter } = await import("@opentelemetry/exporter-trace-otlp-http");
  const { OTLPLogExporter } = await import("@opentelemetry/exporter-logs-otlp-http");
  const { OTLPMetricExporter } = await import("@opentelemetry/exporter-metrics-otlp-http");
  const sdk = new NodeSDK({
    resource,
    traceExporter: new OTLPTraceExporter(),
    logRecordProcessors: [new sdkLogs.BatchLogRecordProcessor(new OTLPLogExporter())],
    metricReader: new sdkMetrics.PeriodicExportingMetricReader({ exporter: new OTLPMetricExporter() }),
    instrumentations: [],
  });
  sdk.start();
  return () => sdk.shutdown();
}

const finish = await (exporter === "azure" ? byAzure() : byOtlp());
const tracer = trace.getTracer("shop");
const logger = logs.getLogger("shop");
const sent = { items: [], metrics: ["js_hits", "js_size"] };
const meter = metrics.getMeter("shop");

meter.createCounter("js_hits").add(3);
meter.createHistogram("js_size").record(5);
tracer.startActiveSpan("js request", { kind: SpanKind.SERVER }, (request) => {
  const { spanId, traceId } = request.spanContext();
  sent.operation_id = traceId;
  const attributes = { "http.request.method": "GET", "url.full": "http://stock:8001/items", "server.address": "stock" };
  const call = tracer.startSpan("js call", { kind: SpanKind.CLIENT, attributes });
  call.end();
  const inner = tracer.startSpan("js in process");
  inner.end();
  const queue = tracer.startSpan("js queue", { kind: SpanKind.PRODUCER, attributes: { "messaging.system": "kafka" } });
  queue.end();
  const consumed = tracer.startSpan("js consumed", { kind: SpanKind.CONSUMER });
  consumed.addEvent("js span event");
  consumed.end();
  request.recordException(new TypeError("js exception"));
  logger.emit({ body: "js message", severityNumber: SeverityNumber.WARN });
  logger.emit({ body: "ignored", attributes: { "microsoft.custom_event.name": "js event" } });
  logger.emit({
    body: { id: "js-probe", name: "js probe", duration: "00:00:00.250", success: true, runLocation: "lab" },
    attributes: { "_MS.baseType": "AvailabilityData" },
  });
  logger.emit({
    body: { id: "js-page", name: "js page", url: "http://shop/page" },
    attributes: { "_MS.baseType": "PageViewData" },
  });
  request.end();
  sent.items.push(
    { item_type: "request", id: spanId },
    { item_type: "dependency", id: call.spanContext().spanId, parent_id: spanId },
    { item_type: "dependency", id: inner.spanContext().spanId, parent_id: spanId },
    { item_type: "dependency", id: queue.spanContext().spanId, parent_id: spanId },
    { item_type: "request", id: consumed.spanContext().spanId, parent_id: spanId },
    { item_type: "trace", message: "js span event", parent_id: consumed.spanContext().spanId },
    { item_type: "exception", name: "TypeError", parent_id: spanId },
    { item_type: "trace", message: "js message", parent_id: spanId },
    { item_type: "customEvent", name: "js event", parent_id: spanId },
    { item_type: "availabilityResult", id: "js-probe", name: "js probe", parent_id: spanId },
    { item_type: "pageView", id: "js-page", name: "js page", parent_id: spanId },
  );
});
console.log(JSON.stringify(sent));
await finish();
process.exit(0);
