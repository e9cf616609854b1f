"""Django with Django REST framework: generic views and a model serializer, in one file.

Tuned: persistent connections in psycopg's pool, no middleware, no authentication, JSON only, no
server-side cursors (PgBouncer in transaction mode cannot keep them), granian as the server.
"""

import os

import django
from django.conf import settings

from benchmarks.peers.database import server

_where = server()
settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    SECRET_KEY=os.urandom(32).hex(),
    TIME_ZONE="UTC",
    USE_TZ=True,
    INSTALLED_APPS=["django.contrib.postgres", "rest_framework"],
    MIDDLEWARE=[],
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "HOST": _where.host,
            "PORT": _where.port,
            "USER": _where.user,
            "PASSWORD": _where.password,
            "NAME": _where.database,
            "CONN_HEALTH_CHECKS": False,
            "DISABLE_SERVER_SIDE_CURSORS": True,
            "OPTIONS": {
                "pool": {"min_size": _where.connections, "max_size": _where.connections},
                "prepare_threshold": None,
            },
        }
    },
    REST_FRAMEWORK={
        "DEFAULT_AUTHENTICATION_CLASSES": [],
        "DEFAULT_PERMISSION_CLASSES": [],
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
        "UNAUTHENTICATED_USER": None,
    },
)
django.setup()

# Django's models and views can be defined only after it was set up.
from django.contrib.postgres.fields import ArrayField  # noqa: E402
from django.contrib.postgres.search import (  # noqa: E402
    SearchHeadline,
    SearchQuery,
    SearchRank,
    SearchVectorField,
)
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import connection, models  # noqa: E402
from django.db.models import F, QuerySet  # noqa: E402
from django.http import HttpRequest, JsonResponse  # noqa: E402
from django.urls import path  # noqa: E402
from rest_framework import generics, serializers  # noqa: E402


class Document(models.Model):
    id = models.AutoField(primary_key=True)
    title = models.CharField(max_length=500)
    content = models.TextField()
    author_id = models.IntegerField()
    org_id = models.IntegerField()
    tags = ArrayField(models.TextField())
    language = models.TextField(default="english")
    updated_by = models.IntegerField(null=True)
    revision = models.IntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True)
    search_vector = SearchVectorField(null=True, editable=False)

    class Meta:
        managed = False
        app_label = "peer"
        db_table = 'bench"."documents'


_LISTED = ("id", "title", "tags", "language", "author_id", "revision", "created_at", "updated_at")


class WholeDocument(serializers.ModelSerializer[Document]):
    class Meta:
        model = Document
        fields = (*_LISTED, "content", "updated_by")
        read_only_fields = ("id", "revision", "created_at", "updated_at", "updated_by", "language")


class ListedDocument(serializers.ModelSerializer[Document]):
    class Meta:
        model = Document
        fields = (*_LISTED, "deleted_at")


class Hit(serializers.Serializer[Document]):
    id = serializers.IntegerField()
    title = serializers.CharField()
    rank = serializers.FloatField()
    snippet = serializers.CharField()


def _living(org_id: int) -> "QuerySet[Document]":
    return Document.objects.filter(org_id=org_id, deleted_at=None).defer("search_vector")


class GetDocument(generics.RetrieveAPIView[Document]):
    serializer_class = WholeDocument
    lookup_url_kwarg = "document_id"

    def get_queryset(self) -> "QuerySet[Document]":
        return _living(self.kwargs["org_id"])


class Documents(generics.ListCreateAPIView[Document]):
    def get_serializer_class(self) -> type[serializers.ModelSerializer[Document]]:
        return ListedDocument if self.request.method == "GET" else WholeDocument

    def get_queryset(self) -> "QuerySet[Document]":
        newest = _living(self.kwargs["org_id"]).order_by("-updated_at", "-id")
        return newest.defer("search_vector", "content")[:20]

    def perform_create(self, serializer: serializers.BaseSerializer[Document]) -> None:
        serializer.save(org_id=self.kwargs["org_id"])


class Search(generics.ListAPIView[Document]):
    serializer_class = Hit

    def get_queryset(self) -> "QuerySet[Document]":
        query = SearchQuery(self.request.GET["q"], search_type="websearch", config="english")
        return (
            _living(self.kwargs["org_id"])
            .filter(search_vector=query)
            .annotate(rank=SearchRank(F("search_vector"), query))
            .annotate(snippet=SearchHeadline("content", query, config="english"))
            .order_by("-rank")
            .only("id", "title")[:10]
        )


def ready(_: HttpRequest) -> JsonResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({})


urlpatterns = [
    path("ready", ready),
    path("orgs/<int:org_id>/documents/<int:document_id>", GetDocument.as_view()),
    path("orgs/<int:org_id>/documents", Documents.as_view()),
    path("orgs/<int:org_id>/search", Search.as_view()),
]
app = get_wsgi_application()
