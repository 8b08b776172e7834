"""Containers' logs as Kubernetes keeps them, in `/var/log/containers` (the form of CRI).

https://github.com/kubernetes/design-proposals-archive/blob/main/node/kubelet-cri-logging.md
"""

from ingest.formats.format import Following, Format
from ingest.formats.layout import Layouts

# F: the line is whole; P: it goes on in the next one of its stream.
_CRI = Layouts(
    "{time:iso} {stream:stream} F {message}",
    "{time:iso} {stream:stream} {part:part} {message}",
    stream="stdout|stderr",
    part="P",
)

FORMATS = [Format("container", "containers of Kubernetes", _CRI.parse, Following.NONE)]
