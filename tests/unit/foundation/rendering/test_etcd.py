import json

from howdah.foundation.layout import Layout
from howdah.foundation.rendering.etcd import etcd_yml
from howdah.foundation.topology import Cluster, Topology


def test_etcd_yml_is_the_golden_file(same_as, cluster: Topology, layout: Layout) -> None:
    same_as(etcd_yml(cluster, layout, cluster.etcd_members[0]), "etcd-1.yml")


def test_three_members_know_each_other(layout: Layout) -> None:
    topology = Topology(profile="full", cluster=Cluster(etcd_members=3))
    texts = [etcd_yml(topology, layout, member) for member in topology.etcd_members]
    documents = [json.loads(text.partition("\n")[2]) for text in texts]
    assert len({document["initial-cluster"] for document in documents}) == 1
    assert len({document["listen-client-urls"] for document in documents}) == 3
    assert all(document["peer-transport-security"]["client-cert-auth"] for document in documents)
