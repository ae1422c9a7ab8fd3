"""Write the HTML report: one file that needs no network, readable without JavaScript. Same input, same bytes."""

from dronecheck.report.page.write import page, write_page

__all__ = ["page", "write_page"]
