"""What happens in an organization: reports (analytics replica) and live counters (dashboards).

Imports foundation only.
"""
