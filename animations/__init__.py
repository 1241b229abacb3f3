"""The films of the lecture: Manim scenes, one idea a file, their numbers from `cnnlib`.

``python -m animations`` renders what is stale. Looking for what is stale imports no Manim.
"""
