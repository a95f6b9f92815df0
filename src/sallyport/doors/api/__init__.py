"""The JSON doors: `/admin` for people of this host, `/v1` for openers, agents and signed answers.

Each is one table of endpoints (`admin.ENDPOINTS`, `v1.ENDPOINTS`); what a request must hold, who
may make it and the OpenAPI document are all read from that table.
"""
