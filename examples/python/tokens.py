"""Beside `embed.py`, which imports it: it is deployed with it."""
import re


def words_and_pairs(text):
    words = re.findall(r"[a-z]+", text.lower())
    return words + [" ".join(pair) for pair in zip(words, words[1:])]
