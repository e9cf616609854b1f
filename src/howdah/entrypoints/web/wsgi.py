"""The application as the server loads it: `howdah.entrypoints.web.wsgi:app`."""

from howdah.entrypoints.web.application import create_application
from howdah.entrypoints.web.assembly import open_services
from howdah.foundation.logs import configure_logs
from howdah.foundation.processes.parentage import end_with_parent
from howdah.foundation.settings import load_settings

end_with_parent()
configure_logs("api")
app = create_application(open_services(load_settings()))
