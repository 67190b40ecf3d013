"""The pages of the portal. Routes, navigation, titles and the browser tests' list of pages are derived from `PAGES`."""

from local_insights.portal.failures.views import FailuresViews
from local_insights.portal.item.views import ItemViews
from local_insights.portal.live.views import LiveViews
from local_insights.portal.map.views import MapViews
from local_insights.portal.overview.views import OverviewViews
from local_insights.portal.page_views import PageEntry
from local_insights.portal.performance.views import PerformanceViews
from local_insights.portal.search.views import SearchViews
from local_insights.portal.transaction.views import TransactionViews
from local_insights.portal.transactions.views import TransactionsViews

PAGES = (
    PageEntry("overview", "/overview", "Overview", OverviewViews, icon="overview"),
    PageEntry("map", "/map", "Application map", MapViews, icon="map"),
    PageEntry("live", "/live", "Live metrics", LiveViews, icon="live", has_time_range=False),
    PageEntry("search", "/search", "Search", SearchViews, icon="search"),
    PageEntry("failures", "/failures", "Failures", FailuresViews, icon="failed"),
    PageEntry("performance", "/performance", "Performance", PerformanceViews, icon="performance"),
    PageEntry("transactions", "/transaction", "Transactions", TransactionsViews, icon="transactions"),
    PageEntry(
        "transactions",
        "/transaction/{operation_id:path}",
        "End-to-end transaction",
        TransactionViews,
        has_time_range=False,
    ),
    PageEntry("search", "/item/{key}", "Item details", ItemViews, has_time_range=False),
)
"""All pages; those with an icon are in the navigation, in this order."""
