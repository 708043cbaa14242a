"""scikit-learn from the file to the model.

  files.py fit KIND TRAIN MODEL             trains, saves, ends: the whole command
  files.py measure KIND TRAIN TEST RUNS     several fits in one warm process, then the test rows; prints one JSON object
"""
import json
import pickle
import sys
import time
import warnings

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.svm import LinearSVC

words = lambda: TfidfVectorizer(ngram_range=(1, 2))
union = lambda: FeatureUnion([("words", words()), ("characters", TfidfVectorizer(analyzer="char", ngram_range=(3, 3)))])
kinds = {
    "words-lbfgs": lambda: make_pipeline(TfidfVectorizer(), LogisticRegression(max_iter=1000)),
    "bigrams-lbfgs": lambda: make_pipeline(words(), LogisticRegression(max_iter=1000)),
    "bigrams-saga": lambda: make_pipeline(words(), LogisticRegression(solver="saga", random_state=1)),
    "bigrams-svc": lambda: make_pipeline(words(), LinearSVC(random_state=1)),
    "trigrams-svc": lambda: make_pipeline(union(), LinearSVC(random_state=1)),
}


def read(path):
    with open(path, encoding="utf-8", newline="\n") as file:
        lines = file.read().split("\n")[1:]
    pairs = [line.split("\t", 1) for line in lines if line]
    return [text for _, text in pairs], [label for label, _ in pairs]


def fit(kind, path):
    texts, labels = read(path)
    return kinds[kind]().fit(texts, labels)


warnings.simplefilter("ignore")
mode, kind, train = sys.argv[1:4]
if mode == "fit":
    with open(sys.argv[4], "wb") as file:
        pickle.dump(fit(kind, train), file)
    sys.exit()
seconds = []
for _ in range(int(sys.argv[5])):
    start = time.perf_counter()
    model = fit(kind, train)
    seconds.append(time.perf_counter() - start)
texts, labels = read(sys.argv[4])
accuracy = float(np.mean(model.predict(texts) == np.array(labels)))
result = {"seconds": seconds, "accuracy": accuracy, "testRows": len(labels)}
if hasattr(model, "predict_proba"):
    column = {label: i for i, label in enumerate(model.classes_)}
    known = [i for i, label in enumerate(labels) if label in column]
    p = model.predict_proba([texts[i] for i in known])[np.arange(len(known)), [column[labels[i]] for i in known]]
    result["logLoss"] = float(-np.log(np.maximum(p, 1e-15)).mean())
print(json.dumps(result))
