from gateway.pages.markup import document, tag


def test_texts_and_attributes_are_escaped() -> None:
    made = tag("a", "<script>", ["&", tag("b", "x")], title='"quoted" <b>', hidden=True, lang=None)
    assert made == '<a title="&quot;quoted&quot; &lt;b&gt;" hidden>&lt;script&gt;&amp;<b>x</b></a>'


def test_reserved_words_and_void_elements() -> None:
    assert tag("input", class_="a", aria_label="b") == '<input class="a" aria-label="b">'
    assert document("t", "x").startswith("<!doctype html>")
