# glmnet on a matrix written by posed.ts: a whole path of lambda in one call, ridge, without intercept and scaling.
#   Rscript glmnet.R FOLDER rows features classes lambda...      in descending order, lambda of the mean loss
# Prints one JSON object: seconds, the number of models, and the objective at each lambda.
suppressPackageStartupMessages({ library(Matrix); library(glmnet) })
args <- commandArgs(TRUE)
folder <- args[1]
n <- as.integer(args[2]); d <- as.integer(args[3]); classes <- as.integer(args[4])
lambda <- as.numeric(args[-(1:4)])
read <- function(name, what, count) readBin(file.path(folder, paste0(name, ".bin")), what, count, size = 4)
p <- read("indptr", "integer", n + 1)
j <- read("indices", "integer", p[n + 1])
v <- read("values", "numeric", p[n + 1])
y <- read("labels", "integer", n)
X <- sparseMatrix(i = rep.int(seq_len(n), diff(p)), j = j + 1L, x = v, dims = c(n, d))
two <- classes == 2
# Of two classes glmnet has the log-odds alone: (lambda/2) |W|^2 with W = (-b/2, b/2) is (lambda/4) |b|^2.
penalty <- if (two) lambda / 2 else lambda
seconds <- system.time(
  model <- glmnet(X, if (two) y else factor(y), family = if (two) "binomial" else "multinomial", alpha = 0,
                  lambda = penalty, standardize = FALSE, intercept = FALSE)
)[["elapsed"]]
objectives <- sapply(seq_along(model$lambda), function(k) {
  W <- if (two) { b <- model$beta[, k]; cbind(-b / 2, b / 2) } else sapply(model$beta, function(b) b[, k])
  z <- as.matrix(X %*% W)
  m <- apply(z, 1, max)
  mean(m + log(rowSums(exp(z - m))) - z[cbind(seq_len(n), y + 1)]) + lambda[k] / 2 * sum(W^2)
})
cat(sprintf('{"seconds":%.6g,"models":%d,"objectives":[%s]}\n', seconds, length(model$lambda),
            paste(sprintf("%.17g", objectives), collapse = ",")))
