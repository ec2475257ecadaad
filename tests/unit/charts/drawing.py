"""Reading a drawing back: it must be well-formed, named, and free of styles of its own."""

import xml.etree.ElementTree as ET

STYLESHEET_CLASSES = {
    *("ch", "ch-wide", "ch-narrow", "ch-k", "ch-m", "ch-a", "ch-s", "ch-num", "ch-halo", "ch-grid", "ch-axis"),
    *("ch-before", "ch-cycle", "ch-start", "ch-median", "ch-line", "ch-line-on", "ch-dot", "ch-dot-on", "ch-mark"),
    *("ch-bracket", "ch-band", "ch-band-end", "ch-ribbon", "ch-zero", "ch-interval", "ch-square", "ch-rule"),
    *("ch-pooled", "ch-prediction", "ch-spark", "ch-small", "ch-split", "ch-mean", "ch-limit", "ch-target"),
    *(
        "ch-left-out",
        "ch-kept",
        "ch-box",
        "ch-edge",
        "ch-edge-none",
        "ch-edge-better",
        "ch-edge-worse",
        "ch-dropped",
        "ch-out",
        "ch-out-ring",
        "ch-dot-speck",
        "ch-dot-on-speck",
        "ch-out-speck",
        "ch-adopted",
        "ch-adapted",
        "ch-abandoned",
    ),
}


class Drawing:
    """A parsed SVG string."""

    def __init__(self, svg):
        self.root = ET.fromstring(svg)
        self.width, self.height = (float(side) for side in self.root.get("viewBox").split()[2:])
        for element in self.root.iter():
            assert element.get("style") is None
            assert set((element.get("class") or "").split()) <= STYLESHEET_CLASSES

    @property
    def title(self):
        return self.root.findtext("title")

    @property
    def desc(self):
        return self.root.findtext("desc")

    @property
    def words(self):
        return [element.text for element in self.root.iter("text")]

    def of(self, kind):
        """Elements of a class."""
        return [element for element in self.root.iter() if kind in (element.get("class") or "").split()]

    def marks(self, kind):
        """How many shapes the paths of a class hold."""
        return sum(element.get("d").count("M") for element in self.of(kind))

    def y_of(self, words):
        (found,) = [element for element in self.root.iter("text") if element.text == words]
        return float(found.get("y"))
