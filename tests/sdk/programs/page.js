// Sends every type of telemetry of the SDK for web pages; the connection string is the fragment of the URL.
const insights = new Microsoft.ApplicationInsights.ApplicationInsights({
  config: {
    connectionString: decodeURIComponent(location.hash.slice(1)),
    enableAutoRouteTracking: false,
    autoTrackPageVisitTime: false,
    disableInstrumentationKeyValidation: true,
    featureOptIn: { iKeyUsage: { mode: 1 }, CdnUsage: { mode: 1 } },
    extensionConfig: { AppInsightsCfgSyncPlugin: { cfgUrl: "" } },
  },
});
const ids = [];

insights.loadAppInsights();
insights.addTelemetryInitializer((item) => {
  item.tags["ai.cloud.role"] = "web-all";
  if (item.baseData?.id) ids.push(item.baseData.id);
});

function requestByXhr(url) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.onloadend = resolve;
    request.open("GET", url);
    request.send();
  });
}

async function send() {
  insights.trackPageView({ name: "web page" });
  insights.trackPageViewPerformance({ name: "web timing", uri: location.href, perfTotal: "00:00:01.000", duration: "00:00:01.000" });
  insights.trackEvent({ name: "web event" });
  insights.trackTrace({ message: "web message", severityLevel: 2 });
  insights.trackException({ exception: new TypeError("web exception") });
  insights.trackMetric({ name: "web_metric", average: 7 });
  await fetch("/data");
  await requestByXhr("/more");
  insights.trackEvent({ name: "web event at the end" });
  insights.flush();
  document.title = insights.context.telemetryTrace.traceID;
}

send();
