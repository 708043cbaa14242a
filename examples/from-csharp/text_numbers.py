"""Reads texts as a JSON list on standard input and prints numbers of each: questions, digits, mean length of words."""

import json
import sys

texts = json.load(sys.stdin)
numbers = []
for text in texts:
    words = text.split()
    mean_length = sum(map(len, words)) / len(words) if words else 0
    numbers.append([text.count("?"), sum(map(str.isdigit, text)), mean_length / 10])
json.dump(numbers, sys.stdout)
