"""From logs in the database to ONNX models: dataset, fit, evaluate, export."""
