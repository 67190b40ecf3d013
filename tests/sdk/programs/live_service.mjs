// A service with Azure's distribution of OpenTelemetry: ten requests per second, each with a call; every fifth fails.
// The argument is the role. It exits when its input is closed.
import { context, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { logs, SeverityNumber } from "@opentelemetry/api-logs";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { shutdownAzureMonitor, useAzureMonitor } from "@azure/monitor-opentelemetry";
import { setTimeout as delay } from "node:timers/promises";

const role = process.argv[2];
const requestMs = 20;
useAzureMonitor({
  resource: resourceFromAttributes({ "service.name": role }),
  samplingRatio: 1,
  tracesPerSecond: 0,
  enableLiveMetrics: true,
  azureMonitorExporterOptions: {
    connectionString: process.env.APPLICATIONINSIGHTS_CONNECTION_STRING,
    disableOfflineStorage: true,
  },
});

const tracer = trace.getTracer("shop");
const called = { "http.request.method": "GET", "url.full": "http://stock:8001/", "http.response.status_code": 200 };
const served = { "http.request.method": "GET", "url.path": "/live", "url.scheme": "http", "server.address": "shop" };

async function serve(number) {
  const isFailing = number % 5 === 0;
  const request = tracer.startSpan("GET /live", { kind: SpanKind.SERVER, attributes: served });
  const within = trace.setSpan(context.active(), request);
  const call = tracer.startSpan("GET", { kind: SpanKind.CLIENT, attributes: called }, within);
  await delay(requestMs);
  call.end();
  request.setAttribute("http.response.status_code", isFailing ? 500 : 200);
  if (isFailing) {
    request.setStatus({ code: SpanStatusCode.ERROR });
    logs.getLogger("shop").emit({ body: "live message", severityNumber: SeverityNumber.WARN, context: within });
  }
  request.end();
}

let isEnded = false;
process.stdin.on("end", () => { isEnded = true; }).resume();
console.log(JSON.stringify({ role }));
for (let number = 1; !isEnded; number++) {
  await delay(100 - requestMs);
  await serve(number);
}
await shutdownAzureMonitor();
process.exit(0);
