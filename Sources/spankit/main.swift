print("spankit")
