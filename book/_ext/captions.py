"""The caption of a film or of an interactive figure: the content of its directive."""

from docutils import nodes


def caption(directive):
    """Return a directive's content as a caption, or raise an error at the directive's line."""
    content = nodes.container()
    directive.state.nested_parse(directive.content, directive.content_offset, content)
    if len(content) != 1 or not isinstance(content[0], nodes.paragraph):
        blocks = ", ".join(block.tagname.replace("_", " ") for block in content)
        raise directive.error(f"the caption is {blocks}: write one paragraph")
    return nodes.caption("", "", *content[0].children)
